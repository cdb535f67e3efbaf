"""Let the database itself refuse changes to frozen receipts and the audit log."""

from django.db import migrations

from evidence.protection import install_rules, lift_rules


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_receipts_and_audit")]

    operations = [migrations.RunPython(install_rules, lift_rules)]
