/** What the source of a MySQL backup holds in tests. */

/** What the user of the backup may do, and no more. */
export const grants = [
  "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON mmorpg.* TO backup",
  "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `guilds-eu`.* TO backup",
  "GRANT RELOAD, SHOW_ROUTINE ON *.* TO backup",
];

/** Signs that end a string of an option file, or of a shell, all in one. */
export const password = `Back"up\\s#1 $HOME 'x'`;

/** Databases with everything that a dump can hold. */
export const players = `
CREATE DATABASE mmorpg;
CREATE DATABASE \`guilds-eu\`;
USE mmorpg;
CREATE TABLE players (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80) NOT NULL UNIQUE, face BLOB, notes LONGTEXT,
  born DATETIME(6), money DECIMAL(30,10), bag JSON, KEY (born));
CREATE TABLE items (id BIGINT UNSIGNED PRIMARY KEY, player INT NOT NULL, CONSTRAINT owner FOREIGN KEY (player)
  REFERENCES players (id) ON DELETE CASCADE);
CREATE TABLE \`odd name's "table"\` (\`a b\` INT);
INSERT INTO players VALUES
  (1, 'Þórr 雷神 🐉', x'00ff0a0d5c27221a', 'line\\none \\\\ ''two'' "three"', '2026-11-25 01:02:03.456789', 12345678901234567890.0123456789, '{"gold": [1, 2, {"deep": "ü"}]}'),
  (7, 'second', NULL, REPEAT('x', 3000000), NULL, NULL, NULL);
INSERT INTO items VALUES (18446744073709551615, 7), (1, 1), (2, 1);
INSERT INTO \`odd name's "table"\` VALUES (1), (NULL);
CREATE VIEW rich AS SELECT id, name FROM players WHERE money > 0;
DELIMITER //
CREATE TRIGGER stamp BEFORE INSERT ON players FOR EACH ROW BEGIN SET NEW.born = COALESCE(NEW.born, NOW(6)); END//
CREATE PROCEDURE tidy() BEGIN DELETE FROM items WHERE player = -1; SELECT ';'; END//
CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC BEGIN RETURN 2 * x; END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2099-01-01 00:00:00' DO CALL tidy()//
DELIMITER ;
USE \`guilds-eu\`;
CREATE TABLE guilds (id INT PRIMARY KEY, name TEXT) CHARSET latin1;
INSERT INTO guilds VALUES (1, 'Bäcker');
`;
