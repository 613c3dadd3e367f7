-- Prints "count ROWS TABLE" for the databases in @databases, and how many other objects each has.
-- Run when a dump is made and when it is restored; both must print the same.
SET SESSION group_concat_max_len = 1073741824;
SELECT COALESCE(GROUP_CONCAT(
    CONCAT('SELECT CONCAT(\'count \', COUNT(*), ', QUOTE(CONCAT(' ', table_schema, '.', table_name)), ') FROM `',
      REPLACE(table_schema, '`', '``'), '`.`', REPLACE(table_name, '`', '``'), '`')
    SEPARATOR ' UNION ALL '), 'DO 0')
  INTO @counts
  FROM information_schema.tables
  WHERE FIND_IN_SET(table_schema, @databases) AND table_type = 'BASE TABLE';
PREPARE counts FROM @counts;
EXECUTE counts;
SELECT CONCAT('objects ', COUNT(*), ' views of ', table_schema) FROM information_schema.views
  WHERE FIND_IN_SET(table_schema, @databases) GROUP BY table_schema;
SELECT CONCAT('objects ', COUNT(*), ' routines of ', routine_schema) FROM information_schema.routines
  WHERE FIND_IN_SET(routine_schema, @databases) GROUP BY routine_schema;
SELECT CONCAT('objects ', COUNT(*), ' triggers of ', trigger_schema) FROM information_schema.triggers
  WHERE FIND_IN_SET(trigger_schema, @databases) GROUP BY trigger_schema;
SELECT CONCAT('objects ', COUNT(*), ' events of ', event_schema) FROM information_schema.events
  WHERE FIND_IN_SET(event_schema, @databases) GROUP BY event_schema;
