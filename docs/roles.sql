-- The users and the database, made by a superuser:
--   FIELDGATE_OWNER_PASSWORD=… FIELDGATE_PASSWORD=… psql -f roles.sql
\getenv owner FIELDGATE_OWNER_PASSWORD
\getenv serving FIELDGATE_PASSWORD
create role fieldgate_owner login password :'owner';    -- owns and migrates
create role fieldgate login password :'serving';        -- serves
create role fieldgate_portal nologin noinherit;         -- reads what customers may see
grant fieldgate_portal to fieldgate;
create database fieldgate owner fieldgate_owner encoding 'UTF8' template template0;
