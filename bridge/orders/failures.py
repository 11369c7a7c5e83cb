"""What is said when an order does not come to a result: what happened, what it cost, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.errors import BridgeError, NeedsDecision, ProviderError, UserError, WorkFailed
from bridge.http.outcome import Answer, Outcome, Sent, TransportError
from bridge.orders.model import Job, OrderRequest
from bridge.providers.paid import Broken, Gone, PaidProvider

if TYPE_CHECKING:
    from bridge.orders.access import ProviderAccess


def describe_refusal(provider: PaidProvider, job: Job, answer: Answer) -> BridgeError:
    """The provider rejected an order; an error of the spec where it can say which field is to blame."""
    refusal = provider.refusal(job.step, answer)
    kind = UserError if refusal.field else ProviderError
    error = kind(refusal.code, f"{job.asset}: {refusal.message}", hint=refusal.hint)
    error.field = refusal.field
    return error


def describe_unsent(name: str, sent: Sent) -> ProviderError:
    """Nothing could be sent, again and again."""
    if sent.outcome is Outcome.RATE_LIMITED:
        return ProviderError(
            "provider_busy",
            f"{name} asks to wait: {sent.detail}",
            hint="Nothing was charged. Run the same command again later.",
        )
    return describe_offline(name, sent.detail)


def describe_offline(name: str, detail: str) -> ProviderError:
    """No connection."""
    return ProviderError(
        "provider_offline",
        f"{name} cannot be reached: {detail}",
        hint="Nothing was charged. Look at your connection and run the same command again.",
    )


def describe_closed(order: Job | OrderRequest, cause: BridgeError) -> ProviderError:
    """The provider turned out to be of no use before this order was sent."""
    reason = cause.message.partition(": ")[2] or cause.message
    step = order.step
    return ProviderError(
        cause.code, f"{order.asset}: {step.key} was not ordered from {step.provider}: {reason}", hint=cause.hint
    )


def describe_unreadable(access: ProviderAccess, job: Job, error: TransportError) -> BridgeError:
    """A job that was taken cannot be looked at or collected now."""
    provider = access.provider
    if error.status == 403 and error.answer is not None and job.account != access.key.fingerprint:
        return describe_other_key(job, access.key.name, provider.refusal(job.step, error.answer).message)
    if error.answer is not None and error.status in (401, 402, 403):
        return describe_refusal(provider, job, error.answer)
    return ProviderError(
        "provider_answer",
        f"{job.asset}: {job.step.key} cannot be collected from {job.provider}: {error.detail}",
        hint=f"The order is kept as job {job.id} and the next build tries again; it is not bought a second time.",
    )


def describe_failed(job: Job, status: Broken) -> ProviderError:
    """The provider's job failed."""
    return ProviderError(
        "provider_failed",
        f"{job.asset}: {job.step.key} failed at {job.provider}: {status.message}",
        hint="Change the spec or try again: `assetbridge plan` shows the price of a new try.",
    )


def stopped_error(job: Job, status: Broken) -> dict[str, str]:
    """Somebody cancelled the job at the provider: what the journal keeps as its error."""
    return {"message": f"{job.provider} has stopped it: {status.message}"}


def describe_cancelled(asset: str, step: str) -> WorkFailed:
    """A person cancelled the order while a build waited for it: no failure that `retries` tries again."""
    return WorkFailed(
        "interrupted",
        f"{asset}: the order of {step} was cancelled meanwhile",
        hint="`assetbridge jobs --all` shows what became of it.",
    )


def describe_moved(job: Job) -> WorkFailed:
    """The order is not as the run that waits for it left it: a person decided about it, or another run did."""
    if job.state == "cancelled":
        return describe_cancelled(job.asset, job.step.key)
    return WorkFailed(
        "interrupted",
        f"{job.asset}: the order of {job.step.key} was changed meanwhile: it is {job.state}",
        hint="Build again: what is on its way is collected, for nothing.",
    )


def describe_lost(job: Job, status: Gone) -> ProviderError:
    """The provider does not have the result any more."""
    return ProviderError(
        "output_lost",
        f"{job.asset}: {job.provider} does not have the result of {job.step.key} any more: {status.message}",
        hint="It is not bought again by itself; `assetbridge plan` shows the price of a new one.",
    )


def describe_damaged(job: Job, why: str) -> ProviderError:
    """What was delivered cannot be used, however often it is fetched; it is paid for."""
    again = f"`assetbridge jobs refetch {job.id}` fetches it again, for nothing; " if job.remote else ""
    return ProviderError(
        "result_damaged",
        f"{job.asset}: what {job.provider} delivered for {job.step.key} is damaged: {why}",
        hint=f"It is paid for and kept as job {job.id}. {again}"
        f"`assetbridge jobs resubmit {job.id}` orders it anew, and says its price first.",
    )


def describe_damaged_before(request: OrderRequest, job: Job) -> ProviderError:
    """An earlier run has found what was delivered damaged, perhaps for another asset."""
    said = job.error or {}
    message = str(said.get("message", ""))
    if request.asset != job.asset:
        message = f"{request.asset}: {message}"
    return ProviderError("result_damaged", message, hint=str(said.get("hint", "")))


def describe_other_key(job: Job, key: str, said: str) -> ProviderError:
    """The provider does not know the job under this key, and another one ordered it."""
    return ProviderError(
        "other_account",
        f"{job.asset}: {job.step.key} was ordered from {job.provider} with another key than the one in {key} "
        f"(fingerprint {job.account}), and this one does not find it: {said}",
        hint=f"Put that key, or one of the same account, into {key} and build again; job {job.id} is kept. "
        f"`assetbridge jobs cancel {job.id}` gives it up.",
    )


def explain_unclear(sent: Sent) -> str:
    """Why nobody can know what became of an order."""
    text = " ".join(sent.answer.body[:120].decode("utf-8", "replace").split()) if sent.answer else ""
    return sent.detail or f"the answer has neither a result nor the number of a job{': ' * bool(text)}{text}"


def describe_uncertain(job: Job, why: str) -> NeedsDecision:
    """Nobody can know whether the provider has the order."""
    return NeedsDecision(
        "uncertain",
        f"{job.asset}: nobody knows whether {job.provider} got the order for {job.step.key} ({why})",
        hint=f"Look at your account there, then: assetbridge jobs adopt {job.id} --provider-id ID, "
        f"jobs abandon {job.id}, or jobs resubmit {job.id} (it may be charged twice).",
    )


def describe_still_running(job: Job) -> WorkFailed:
    """This run has waited long enough."""
    return WorkFailed(
        "still_running",
        f"{job.asset}: {job.step.key} is still running at {job.provider}",
        hint="The job goes on there; the next build collects it, for nothing. "
        f"`assetbridge jobs cancel {job.id}` gives it up.",
    )
