-- How many days does a release take from the candidate to the stable channel of its own minor version?
-- A release that left a channel and came back counts from its first day there.
WITH arrival AS (
    SELECT release, environment, min(ended) AS at
    FROM deployment
    WHERE ended IS NOT NULL
    GROUP BY release, environment
)
SELECT
    release.minor,
    count(*) AS releases,
    round(median(julianday(stable.at) - julianday(candidate.at)), 2) AS median_days,
    round(p90(julianday(stable.at) - julianday(candidate.at)), 2) AS p90_days
FROM release
JOIN arrival AS candidate ON candidate.release = release.id AND candidate.environment = 'ENV-candidate-' || release.minor
JOIN arrival AS stable ON stable.release = release.id AND stable.environment = 'ENV-stable-' || release.minor
GROUP BY release.minor
ORDER BY CAST(release.minor AS INTEGER), CAST(substr(release.minor, instr(release.minor, '.') + 1) AS INTEGER);
