-- Which releases went out with the most known problems?
SELECT
    release.version,
    release.state,
    count(*) AS problems,
    group_concat(substr(link.target, 5), ', ') AS names
FROM release
JOIN link ON link.source = release.id AND link.relation = 'goes out with'
GROUP BY release.id
ORDER BY problems DESC, release.version
LIMIT 20;
