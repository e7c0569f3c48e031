"""`raseed import`: one business's folder of CSV files, taken in whole or not at all."""

from bot.importer.folder import ImportRefused, ImportReport, import_folder

__all__ = ["ImportRefused", "ImportReport", "import_folder"]
