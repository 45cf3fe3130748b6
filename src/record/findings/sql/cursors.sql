SELECT deriver, seq FROM finding_cursor
