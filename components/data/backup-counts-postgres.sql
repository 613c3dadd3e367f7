-- Prints "count ROWS TABLE" for every table of the connected database, and how many other objects it has.
-- Run when a dump is made and when it is restored; both must print the same. Tables of extensions come with them.
SELECT format('SELECT ''count '' || count(*) || %L FROM ONLY %I.%I',
    ' ' || current_database() || '.' || n.nspname || '.' || c.relname, n.nspname, c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY n.nspname, c.relname
\gexec
SELECT 'objects ' || count(*) || ' ' || kind || ' of ' || current_database() FROM (
    SELECT CASE relkind WHEN 'i' THEN 'indexes' WHEN 'I' THEN 'indexes' WHEN 'S' THEN 'sequences'
      WHEN 'v' THEN 'views' WHEN 'm' THEN 'materialized views' END AS kind, relnamespace AS space FROM pg_class
    UNION ALL SELECT 'functions', pronamespace FROM pg_proc
    UNION ALL SELECT 'triggers', c.relnamespace FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE NOT t.tgisinternal
    UNION ALL SELECT 'constraints', connamespace FROM pg_constraint WHERE contype <> 'n' -- columns have those
  ) objects JOIN pg_namespace n ON n.oid = space
  WHERE kind IS NOT NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  GROUP BY kind ORDER BY kind;
