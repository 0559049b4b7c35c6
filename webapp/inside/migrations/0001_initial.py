import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('jobs', '0008_looks'),
        ('studies', '0007_fine_tuning'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Look',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('gates', 'the gates while it reads a text'), ('units', 'what its units do'), ('memory', 'how far it remembers'), ('attribution', 'what a prediction hangs on')], max_length=11)),
                ('text', models.TextField(blank=True, help_text="What it reads; empty for a look at the model's own text.")),
                ('place', models.PositiveIntegerField(help_text='The number of the predicted symbol, in the text.', null=True)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('model_sha256', models.CharField(blank=True, max_length=64)),
                ('result', models.JSONField(help_text="The trainer's answer; null until it is there.", null=True)),
                ('key', models.CharField(blank=True, help_text='Key of the file of its arrays, if it has any.', max_length=200)),
                ('bytes', models.PositiveBigIntegerField(default=0, help_text='Size of arrays and result.')),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='looks', to='jobs.job')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='looks', to=settings.AUTH_USER_MODEL)),
                ('study', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='looks', to='studies.study')),
            ],
            options={
                'ordering': ('-pk',),
                'indexes': [models.Index(fields=['study', 'kind'], name='inside_look_study_i_d6c697_idx')],
            },
        ),
        migrations.CreateModel(
            name='Course',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('share_key', models.CharField(blank=True, help_text='Who knows it may read it. None: nobody else.', max_length=43, null=True, unique=True)),
                ('study', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='course', to='studies.study')),
                ('gates', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='shown_gates', to='inside.look')),
                ('memory', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='shown_memory', to='inside.look')),
            ],
        ),
    ]
