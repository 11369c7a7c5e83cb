"""AnimatorController files: a state for each action, blend trees over directions, and the parameters that drive them.

Floats `X` and `Y` are the direction the character faces (`Y` begins at -1: towards the viewer), the bool `IsMoving`
leads from the resting state to the walking one and back. Every action that does not loop gets a trigger of its name,
every further looping one a bool. Ids of states come from the names of actions, so what a user refers to stays.

Source: Unity manual, "Animator Controller" and "Blend Trees".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from exporters.unity.ids import CLIP, CONTROLLER, OVERRIDE, anchor_for
from exporters.unity.native import COMMON
from exporters.unity.yaml import NOTHING, Node, Tree, YamlObject, flow, object_reference, write_number, write_text

FLOAT, BOOL, TRIGGER = 1, 4, 9
IF, IF_NOT = 1, 2
ANY = "any state"
SIMPLE_DIRECTIONAL = 1
RESTING = ("idle",)
MOVING = ("walk", "run", "fly", "swim", "move")
OWN_PARAMETERS = ("X", "Y", "IsMoving")
DIAGONAL = 0.70710677
VECTORS: Mapping[str, tuple[float, float]] = {
    "south": (0, -1),
    "south_east": (DIAGONAL, -DIAGONAL),
    "east": (1, 0),
    "north_east": (DIAGONAL, DIAGONAL),
    "north": (0, 1),
    "north_west": (-DIAGONAL, DIAGONAL),
    "west": (-1, 0),
    "south_west": (-DIAGONAL, -DIAGONAL),
}


@dataclass(frozen=True, slots=True)
class ControllerAction:
    """Clips of one name: guid of the clip by direction, None for a clip without one."""

    name: str
    clips: Mapping[str | None, str]
    loop: bool

    @property
    def title(self) -> str:
        """The name of state and parameter: `sword_swing` is `SwordSwing`."""
        title = "".join(part[:1].upper() + part[1:] for part in self.name.replace("-", "_").split("_"))
        return f"{title}Action" if title in OWN_PARAMETERS else title


@dataclass(slots=True)
class _Graph:
    identity: str
    objects: list[YamlObject] = field(default_factory=list)
    any_state: list[Node] = field(default_factory=list)
    outgoing: dict[str, list[Node]] = field(default_factory=dict)

    def anchor(self, role: str) -> int:
        """The local id of an object of this controller."""
        return anchor_for(self.identity, f"controller:{role}")

    def state(self, action: ControllerAction) -> int:
        """The local id of an action's state."""
        return self.anchor(f"state:{action.name}")

    def link(
        self, role: str, target: ControllerAction, conditions: Sequence[tuple[int, str]], *, at_end: bool = False
    ) -> str:
        """Adds a transition to the state of `target` and returns the reference to it."""
        anchor = self.anchor(f"transition:{role}:{target.name}")
        from_any = role == ANY
        self.objects.append(_make_transition(anchor, self.state(target), conditions, at_end=at_end, from_any=from_any))
        return object_reference(anchor)


def make_controller(name: str, identity: str, actions: Sequence[ControllerAction]) -> list[YamlObject]:
    """The objects of a controller with at least one action."""
    graph = _Graph(identity, outgoing={action.name: [] for action in actions})
    resting = _first_named(actions, RESTING) or next((action for action in actions if action.loop), actions[0])
    others = [action for action in actions if action.loop and action is not resting]
    moving = _first_named(others, MOVING) or next(iter(others), None)
    parameters = _parameter_nodes(actions, resting, moving)
    _connect_states(graph, actions, resting, moving)
    directions = _all_directions(actions)
    for action in actions:
        graph.objects += _motion_objects(graph, action, directions)
    machine = graph.anchor("machine")
    graph.objects.append(_state_machine(graph, machine, actions, resting))
    layer: Tree = {
        "serializedVersion": 5,
        "m_Name": "Base Layer",
        "m_StateMachine": object_reference(machine),
        "m_Mask": NOTHING,
        "m_Motions": [],
        "m_Behaviours": [],
        "m_BlendingMode": 0,
        "m_SyncedLayerIndex": -1,
        "m_DefaultWeight": 0,
        "m_IKPass": 0,
        "m_SyncedLayerAffectsTiming": 0,
        "m_Controller": object_reference(CONTROLLER),
    }
    fields: Tree = {
        **COMMON,
        "m_Name": write_text(name),
        "serializedVersion": 5,
        "m_AnimatorParameters": parameters,
        "m_AnimatorLayers": [layer],
    }
    return [*graph.objects, YamlObject(91, CONTROLLER, "AnimatorController", fields)]


def override_controller(name: str, base: str, clips: Sequence[tuple[str, str]]) -> YamlObject:
    """An AnimatorOverrideController over the controller of guid `base`. clips: guids of its clip and of ours."""
    pairs: list[Node] = [
        {"m_OriginalClip": object_reference(CLIP, old, 2), "m_OverrideClip": object_reference(CLIP, new, 2)}
        for old, new in clips
    ]
    fields: Tree = {
        **COMMON,
        "m_Name": write_text(name),
        "m_Controller": object_reference(CONTROLLER, base, 2),
        "m_Clips": pairs,
    }
    return YamlObject(221, OVERRIDE, "AnimatorOverrideController", fields)


def _first_named(actions: Sequence[ControllerAction], names: Sequence[str]) -> ControllerAction | None:
    by_name = {action.name: action for action in actions if action.loop or action.name in RESTING}
    return next((by_name[name] for name in names if name in by_name), None)


def _all_directions(actions: Sequence[ControllerAction]) -> list[str]:
    used = {direction for action in actions for direction in action.clips}
    return [direction for direction in VECTORS if direction in used]


def _parameter_nodes(
    actions: Sequence[ControllerAction], resting: ControllerAction, moving: ControllerAction | None
) -> list[Node]:
    parameters: list[Node] = []
    if _all_directions(actions):
        parameters += [_parameter_node("X", FLOAT), _parameter_node("Y", FLOAT, -1)]
    if moving is not None:
        parameters.append(_parameter_node("IsMoving", BOOL))
    rest = [action for action in actions if action not in (resting, moving)]
    return parameters + [_parameter_node(action.title, BOOL if action.loop else TRIGGER) for action in rest]


def _parameter_node(name: str, kind: int, value: float = 0) -> Tree:
    return {
        "m_Name": write_text(name),
        "m_Type": kind,
        "m_DefaultFloat": write_number(value),
        "m_DefaultInt": 0,
        "m_DefaultBool": 0,
        "m_Controller": object_reference(CONTROLLER),
    }


def _connect_states(
    graph: _Graph, actions: Sequence[ControllerAction], resting: ControllerAction, moving: ControllerAction | None
) -> None:
    """Swings begin anywhere and lead back at their end; what loops begins and ends where the character stands or walks,
    so that it never breaks off a swing.
    """
    ground = [resting] if moving is None else [resting, moving]
    if moving is not None:
        graph.outgoing[resting.name].append(graph.link(resting.name, moving, [(IF, "IsMoving")]))
        graph.outgoing[moving.name].append(graph.link(moving.name, resting, [(IF_NOT, "IsMoving")]))
    for action in actions:
        if action in ground:
            continue
        out = graph.outgoing[action.name]
        if action.loop:
            for start in ground:
                graph.outgoing[start.name].append(graph.link(start.name, action, [(IF, action.title)]))
            out.append(graph.link(action.name, resting, [(IF_NOT, action.title)]))
            continue
        graph.any_state.append(graph.link(ANY, action, [(IF, action.title)]))
        if moving is not None:
            out.append(graph.link(action.name, moving, [(IF, "IsMoving")], at_end=True))
        out.append(graph.link(action.name, resting, [], at_end=True))


def _make_transition(
    anchor: int, target: int, conditions: Sequence[tuple[int, str]], *, at_end: bool, from_any: bool
) -> YamlObject:
    """A transition without blending: sprites cannot be mixed, a duration would only delay the change."""
    checks: list[Node] = [
        {"m_ConditionMode": mode, "m_ConditionEvent": write_text(parameter), "m_EventTreshold": 0}
        for mode, parameter in conditions
    ]
    fields: Tree = {
        **COMMON,
        "m_ObjectHideFlags": 1,
        "m_Name": "",
        "m_Conditions": checks,
        "m_DstStateMachine": NOTHING,
        "m_DstState": object_reference(target),
        "m_Solo": 0,
        "m_Mute": 0,
        "m_IsExit": 0,
        "serializedVersion": 3,
        "m_TransitionDuration": 0,
        "m_TransitionOffset": 0,
        "m_ExitTime": 1,
        "m_HasExitTime": int(at_end),
        "m_HasFixedDuration": 1,
        "m_InterruptionSource": 0,
        "m_OrderedInterruption": 1,
        "m_CanTransitionToSelf": int(not from_any),
    }
    return YamlObject(1101, anchor, "AnimatorStateTransition", fields)


def _motion_objects(graph: _Graph, action: ControllerAction, directions: Sequence[str]) -> list[YamlObject]:
    """The state of an action, with its blend tree where it has several directions."""
    if len(action.clips) == 1:
        (guid,) = action.clips.values()
        return [_make_state(graph, action, object_reference(CLIP, guid, 2))]
    anchor = graph.anchor(f"tree:{action.name}")
    facing = {direction: guid for direction, guid in action.clips.items() if direction is not None}
    return [_make_state(graph, action, object_reference(anchor)), _blend_tree(anchor, action, facing, directions)]


def _make_state(graph: _Graph, action: ControllerAction, motion: str) -> YamlObject:
    fields: Tree = {
        "serializedVersion": 6,
        **COMMON,
        "m_ObjectHideFlags": 1,
        "m_Name": write_text(action.title),
        "m_Speed": 1,
        "m_CycleOffset": 0,
        "m_Transitions": graph.outgoing[action.name],
        "m_StateMachineBehaviours": [],
        "m_Position": flow(x=50, y=50, z=0),
        "m_IKOnFeet": 0,
        "m_WriteDefaultValues": 1,
        "m_Mirror": 0,
        "m_SpeedParameterActive": 0,
        "m_MirrorParameterActive": 0,
        "m_CycleOffsetParameterActive": 0,
        "m_TimeParameterActive": 0,
        "m_Motion": motion,
        "m_Tag": "",
        "m_SpeedParameter": "",
        "m_MirrorParameter": "",
        "m_CycleOffsetParameter": "",
        "m_TimeParameter": "",
    }
    return YamlObject(1102, graph.state(action), "AnimatorState", fields)


def _blend_tree(
    anchor: int, action: ControllerAction, facing: Mapping[str, str], directions: Sequence[str]
) -> YamlObject:
    """A child for every direction that any action has; a missing one shows the nearest that is there."""
    children: list[Node] = [
        {
            "serializedVersion": 2,
            "m_Motion": object_reference(CLIP, facing[_nearest_direction(direction, facing)], 2),
            "m_Threshold": write_number(index / max(len(directions) - 1, 1)),
            "m_Position": flow(x=VECTORS[direction][0], y=VECTORS[direction][1]),
            "m_TimeScale": 1,
            "m_CycleOffset": 0,
            "m_DirectBlendParameter": "X",
            "m_Mirror": 0,
        }
        for index, direction in enumerate(directions)
    ]
    fields: Tree = {
        **COMMON,
        "m_ObjectHideFlags": 1,
        "m_Name": write_text(action.title),
        "m_Childs": children,
        "m_BlendParameter": "X",
        "m_BlendParameterY": "Y",
        "m_MinThreshold": 0,
        "m_MaxThreshold": 1,
        "m_UseAutomaticThresholds": 1,
        "m_NormalizedBlendValues": 0,
        "m_BlendType": SIMPLE_DIRECTIONAL,
    }
    return YamlObject(206, anchor, "BlendTree", fields)


def _nearest_direction(direction: str, facing: Mapping[str, str]) -> str:
    """The direction with the smallest angle; of two, the one to the side, which shows more of a diagonal walk."""
    order = list(VECTORS)

    def distance(other: str) -> tuple[int, bool]:
        steps = abs(order.index(direction) - order.index(other))
        return min(steps, len(order) - steps), other not in ("east", "west")

    return min(facing, key=distance)


def _state_machine(
    graph: _Graph, anchor: int, actions: Sequence[ControllerAction], resting: ControllerAction
) -> YamlObject:
    children: list[Node] = [
        {
            "serializedVersion": 1,
            "m_State": object_reference(graph.state(action)),
            "m_Position": flow(x=300, y=70 * number, z=0),
        }
        for number, action in enumerate(actions)
    ]
    fields: Tree = {
        "serializedVersion": 6,
        **COMMON,
        "m_ObjectHideFlags": 1,
        "m_Name": "Base Layer",
        "m_ChildStates": children,
        "m_ChildStateMachines": [],
        "m_AnyStateTransitions": graph.any_state,
        "m_EntryTransitions": [],
        "m_StateMachineTransitions": {},
        "m_StateMachineBehaviours": [],
        "m_AnyStatePosition": flow(x=50, y=20, z=0),
        "m_EntryPosition": flow(x=50, y=120, z=0),
        "m_ExitPosition": flow(x=800, y=120, z=0),
        "m_ParentStateMachinePosition": flow(x=800, y=20, z=0),
        "m_DefaultState": object_reference(graph.state(resting)),
    }
    return YamlObject(1107, anchor, "AnimatorStateMachine", fields)
