from typing import Any

from django.db import migrations

from webapp.accounts import second_factor


def encrypt(apps: Any, _schema: Any) -> None:
    _change(apps, second_factor.encrypt)


def decrypt(apps: Any, _schema: Any) -> None:
    _change(apps, second_factor.decrypt)


def _change(apps: Any, change: Any) -> None:
    for row in apps.get_model("mfa", "Authenticator").objects.select_for_update():
        row.data = second_factor.changed(row.data, change)
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_tokens"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(encrypt, decrypt)]
