import gc

from django.apps import AppConfig
from django.db.models.signals import pre_migrate

# Imported so that shared_task finds this app and its broker in every process that loads Django.
from annotator.celery import app as celery_app

__all__ = ["AnnotatorConfig", "celery_app"]

# Python looks for garbage when so many new objects have been made; its own default is 700. Looking
# takes a quarter of the time of imports, whose objects stay, and a twentieth of that of a request.
NEW_OBJECTS = 20_000


class AnnotatorConfig(AppConfig):
    name = "annotator"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        gc.set_threshold(NEW_OBJECTS)
        from annotator.database.versions import refuse_other_versions

        pre_migrate.connect(refuse_other_versions, sender=self)
