import django.db.models.deletion
import webapp.accounts.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('corpora', '0015_is_edited'),
        ('studies', '0011_uploaded'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Group',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='owned_groups', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('name', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='GroupLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=webapp.accounts.models.new_key, max_length=43, unique=True)),
                ('places', models.PositiveIntegerField()),
                ('used', models.PositiveIntegerField(default=0)),
                ('expires', models.DateTimeField()),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='groups.group')),
            ],
            options={
                'ordering': ('-created', '-pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('used__lte', models.F('places'))), name='no_more_into_a_group')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('joined', models.DateTimeField(auto_now_add=True)),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='groups.group')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('joined', 'pk'),
                'constraints': [models.UniqueConstraint(fields=('group', 'person'), name='in_a_group_once')],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('may_edit', models.BooleanField(default=False)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('corpus', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='corpora.corpus')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='groups.group')),
                ('study', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='studies.study')),
            ],
            options={
                'ordering': ('-created', '-pk'),
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('corpus__isnull', True), ('study__isnull', False)) | models.Q(('corpus__isnull', False), ('study__isnull', True)), name='shares_one_thing'),
                    models.UniqueConstraint(fields=('group', 'corpus'), name='a_corpus_once_in_a_group'),
                    models.UniqueConstraint(fields=('group', 'study'), name='a_study_once_in_a_group'),
                ],
            },
        ),
    ]
