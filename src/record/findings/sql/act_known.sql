-- Whether an act of that id is there. $1 id
SELECT 1 FROM act WHERE id = $1 LIMIT 1
