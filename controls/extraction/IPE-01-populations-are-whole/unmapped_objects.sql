-- Objects of the sources that could not be read as what they should be: an unknown value, a currency
-- of another scale, a record of test mode. Each is open until it can be mapped.
select
  p.source, p.object, p.object_id, p.field, p.code as problem, p.message,
  p.source || ':' || p.object || ':' || p.object_id as source_ref
from books.mapping_problems p
where p.entity_id = :entity
