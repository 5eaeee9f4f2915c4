"""An installation whose storage is a folder of its own."""


def use_folder(settings, folder):
    """Store dissections, pictures and answers of analyses in a folder."""
    place = {"BACKEND": "annotator.storage.folder.Folder", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": place}
    settings.DISSECTIONS_URL = str(folder / "dissections")
