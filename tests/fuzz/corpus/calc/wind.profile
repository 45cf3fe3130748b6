wind.profile
{"wind_10m_m_s": 3, "height_m": 100, "exponent": 0.25}
