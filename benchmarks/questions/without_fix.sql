-- Which known risks does no release fix yet, and how many releases have them?
-- Trackers of nameless files are left out: those files have no place to say what fixes them.
SELECT
    id,
    severity,
    json_array_length(affected_versions) AS releases,
    json_extract(external, '$[0].url') AS tracker,
    title
FROM problem
WHERE known_error IS NOT NULL AND fixed_in IS NULL
ORDER BY releases DESC, id;
