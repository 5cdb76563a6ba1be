"""``python -m flows.automations``: after ``prefect deploy --all``, let failures call somebody.

Makes (or brings up to date) one automation on the Prefect server: whenever a run of a Veilleur flow fails or crashes,
and so when ``health`` finds a silent source, the deployment ``alarm`` runs and writes to the settings' ``operators``.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from prefect.client.orchestration import get_client
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

NAME = "veilleur-failed"
WATCHED = ("daily", "watch", "digest", "backfill", "reread", "housekeeping", "health")


async def create() -> str:
    """Create the automation, or replace its trigger and action; returns its id.

    Raises prefect.exceptions.ObjectNotFound where ``alarm`` was not deployed.
    """
    async with get_client() as client:
        alarm = await client.read_deployment_by_name("alarm/alarm")
        wanted = AutomationCore(
            name=NAME,
            description="A Veilleur flow failed or crashed; health fails where a source is silent.",
            enabled=True,
            trigger=EventTrigger(
                expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
                match_related={
                    "prefect.resource.role": "flow",
                    "prefect.resource.name": list(WATCHED),
                },
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[
                RunDeployment(
                    source="selected",
                    deployment_id=alarm.id,
                    parameters={
                        "flow_name": {"__prefect_kind": "jinja", "template": "{{ flow.name }}"},
                        "run_name": {"__prefect_kind": "jinja", "template": "{{ flow_run.name }}"},
                        "message": {"__prefect_kind": "jinja", "template": "{{ flow_run.state.message }}"},
                    },
                )
            ],
        )
        known = await client.read_automations_by_name(NAME)
        if known:
            await client.update_automation(known[0].id, wanted)
            return str(known[0].id)
        return str(await client.create_automation(wanted))


if __name__ == "__main__":
    asyncio.run(create())
