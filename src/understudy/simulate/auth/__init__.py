"""Who may ask: one file per scheme, one TABLE in `setup`; `access` compiles the key `auth` of endpoints."""
