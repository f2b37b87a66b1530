"""What an analyst holds: frames, statistics, charts and results. Needs the extra `analytics`."""
