"""All that one account holds, and which change its states allow. Pure: every command brings its own time."""
