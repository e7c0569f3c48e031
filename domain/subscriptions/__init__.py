"""Plans, which are sold by days, and subscriptions: the customers' holdings of them, with every day accounted for."""

from domain.subscriptions.states import (
    ACTIVE,
    CANCELLED,
    EXPIRED,
    PAUSED,
    PENDING,
    STOPPED,
    SUBSCRIPTION_STATUSES,
)
from domain.subscriptions.tables import Pause, Plan, Subscription, SubscriptionChange, SubscriptionNotice

__all__ = [
    "ACTIVE",
    "CANCELLED",
    "EXPIRED",
    "PAUSED",
    "PENDING",
    "STOPPED",
    "SUBSCRIPTION_STATUSES",
    "Pause",
    "Plan",
    "Subscription",
    "SubscriptionChange",
    "SubscriptionNotice",
]
