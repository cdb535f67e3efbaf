from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mlops", "0002_registry_serving_monitoring")]

    operations = [
        migrations.AddField(
            model_name="readiness",
            name="problem",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Why its data cannot be read, so that rows is 0",
                max_length=300,
            ),
        ),
    ]
