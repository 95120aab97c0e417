"""A worker for EasyFlow's tasks: takes automation-tasks, publishes automation-results and status-updates.

    python worker.py

It shares the tasks with examples/easyflow/worker.js: both are members of the group easyflow-workers.
"""

from kafka_client import open_client, run, say

WORKER = "python"


def process_data(parameters):
    return {"rows": len(parameters.get("rows", []))}


SCRIPTS = {"data_processing.py": process_data}


def work(client, task):
    task_id, payload = task["taskId"], task["payload"]

    def update(status, message):
        client.publish_status_update(
            {"entityId": task_id, "entityType": "task", "status": status, "message": message}
        )

    script = payload.get("script")
    update("running", f"{script} started by {WORKER}")
    if script in SCRIPTS:
        output = SCRIPTS[script](payload.get("parameters", {}))
        client.publish_result({"taskId": task_id, "status": "completed", "result": {"worker": WORKER, **output}})
        update("completed", "Task completed successfully")
    else:
        error = f"There is no script {script}"
        client.publish_result({"taskId": task_id, "status": "failed", "result": {"worker": WORKER}, "error": error})
        update("failed", error)
    # Only then is the task done: a worker that dies before leaves it to another one.
    client.flush()
    print(f"{task_id} done", flush=True)


def main():
    client = open_client()
    client.subscribe_to_tasks(lambda task, _: work(client, task), lambda: say("Waiting for tasks; Ctrl-C to end."))
    client.close()
    say("Ended; what was done is committed.")


if __name__ == "__main__":
    run(main)
