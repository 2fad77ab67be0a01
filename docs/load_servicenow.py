"""Loads change/servicenow.json of a package into ServiceNow: the change, its tasks, the items that it affects.

    SERVICENOW_USER=… SERVICENOW_PASSWORD=… python3 load_servicenow.py change/servicenow.json https://INSTANCE.service-now.com

Tried on a stub of the table API, not on an instance.
"""

import base64
import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

path, instance = sys.argv[1:]
if urlsplit(instance).scheme != "https" and urlsplit(instance).hostname != "127.0.0.1":
    print(f"{instance}: a password is sent over https alone", file=sys.stderr)
    sys.exit(2)
login = base64.b64encode(f"{os.environ['SERVICENOW_USER']}:{os.environ['SERVICENOW_PASSWORD']}".encode()).decode()
record = json.loads(Path(path).read_text(encoding="utf-8"))


def send(table, row):
    """Makes a row, references by the names that people see, and returns its id."""
    place = f"{instance}/api/now/table/{table}?sysparm_input_display_value=true"
    headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json", "Accept": "application/json"}
    with urlopen(Request(place, json.dumps(row).encode(), headers)) as answer:
        return json.load(answer)["result"]["sys_id"]


change = send("change_request", record["change_request"])
for task in record["change_task"]:
    send("change_task", task | {"change_request": change})
for item in record["task_ci"]:
    send("task_ci", item | {"task": change})
print(f"{record['change_request']['number']}: {len(record['change_task'])} tasks, id {change}")
