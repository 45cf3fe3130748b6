DELETE FROM finding_new
