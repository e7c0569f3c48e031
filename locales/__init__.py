"""The texts: gettext catalogues in Arabic and English, and how they are loaded."""
