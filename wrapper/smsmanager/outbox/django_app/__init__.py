"""The outbox's table as a Django app, so that `manage.py migrate` creates and changes it.

```python
INSTALLED_APPS = [..., "smsmanager.outbox.django_app"]
```

| module | job |
| --- | --- |
| `apps` | the app, with the label `smsmanager_outbox` |
| `models` | the model of the table |
| `migrations/` | its migrations |
"""
