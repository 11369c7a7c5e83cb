"""GameObjects and components of prefabs, as each generation of the editor writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exporters.unity.editor import Editor
from exporters.unity.native import COMMON
from exporters.unity.yaml import NOTHING, Node, Tree, YamlObject, flow, object_reference, write_number, write_text

SPRITES_DEFAULT = object_reference(10754, "0000000000000000f000000000000000", 0)
SORT_BY_PIVOT = 1


def game_object(anchor: int, name: str, components: Sequence[int], *, active: bool = True) -> YamlObject:
    """A GameObject with the local ids of its components, the Transform first."""
    parts: list[Node] = [{"component": object_reference(component)} for component in components]
    fields: Tree = {
        **COMMON,
        "serializedVersion": 6,
        "m_Component": parts,
        "m_Layer": 0,
        "m_Name": write_text(name),
        "m_TagString": "Untagged",
        "m_Icon": NOTHING,
        "m_NavMeshLayer": 0,
        "m_StaticEditorFlags": 0,
        "m_IsActive": int(active),
    }
    return YamlObject(1, anchor, "GameObject", fields)


def transform(
    anchor: int,
    owner: int,
    editor: Editor,
    *,
    children: Sequence[int] = (),
    father: int = 0,
    order: int = 0,
    position: tuple[float, float] = (0, 0),
) -> YamlObject:
    """A Transform. order: the place among its father's children. position: units."""
    modern = editor >= Editor.V2022
    fields: Tree = {
        **COMMON,
        "m_GameObject": object_reference(owner),
        **({"serializedVersion": 2} if modern else {}),
        "m_LocalRotation": flow(x=0, y=0, z=0, w=1),
        "m_LocalPosition": flow(x=position[0], y=position[1], z=0),
        "m_LocalScale": flow(x=1, y=1, z=1),
        "m_ConstrainProportionsScale": 0,
        "m_Children": [object_reference(child) for child in children],
        "m_Father": object_reference(father),
        **({} if modern else {"m_RootOrder": order}),
        "m_LocalEulerAnglesHint": flow(x=0, y=0, z=0),
    }
    return YamlObject(4, anchor, "Transform", fields)


def component(owner: int) -> Tree:
    """The first fields of every component."""
    return {**COMMON, "m_GameObject": object_reference(owner), "m_Enabled": 1}


def renderer(owner: int, editor: Editor, *, probes: int, order: int = 0) -> Tree:
    """The fields that all renderers share. probes: 1 to be lit by light and reflection probes."""
    newest = editor >= Editor.V6000
    return {
        **component(owner),
        "m_CastShadows": 0,
        "m_ReceiveShadows": 0,
        "m_DynamicOccludee": 1,
        "m_StaticShadowCaster": 0,
        "m_MotionVectors": 1,
        "m_LightProbeUsage": probes,
        "m_ReflectionProbeUsage": probes,
        "m_RayTracingMode": 0,
        "m_RayTraceProcedural": 0,
        **(
            {
                "m_RayTracingAccelStructBuildFlagsOverride": 0,
                "m_RayTracingAccelStructBuildFlags": 1,
                "m_SmallMeshCulling": 1,
            }
            if newest
            else {}
        ),
        "m_RenderingLayerMask": 1,
        "m_RendererPriority": 0,
        "m_Materials": [SPRITES_DEFAULT],
        "m_StaticBatchInfo": {"firstSubMesh": 0, "subMeshCount": 0},
        "m_StaticBatchRoot": NOTHING,
        "m_ProbeAnchor": NOTHING,
        "m_LightProbeVolumeOverride": NOTHING,
        "m_ScaleInLightmap": 1,
        "m_ReceiveGI": 1,
        "m_PreserveUVs": 0,
        "m_IgnoreNormalsForChartDetection": 0,
        "m_ImportantGI": 0,
        "m_StitchLightmapSeams": 1,
        "m_SelectedEditorRenderState": 0,
        "m_MinimumChartSize": 4,
        "m_AutoUVMaxDistance": write_number(0.5),
        "m_AutoUVMaxAngle": 89,
        "m_LightmapParameters": NOTHING,
        "m_SortingLayerID": 0,
        "m_SortingLayer": 0,
        "m_SortingOrder": order,
    }


def sprite_renderer(anchor: int, owner: int, editor: Editor, sprite: str, size: tuple[float, float]) -> YamlObject:
    """A SpriteRenderer that sorts by the sprite's pivot. size: units."""
    fields: Mapping[str, Node] = {
        **renderer(owner, editor, probes=1),
        "m_Sprite": sprite,
        "m_Color": flow(r=1, g=1, b=1, a=1),
        "m_FlipX": 0,
        "m_FlipY": 0,
        "m_DrawMode": 0,
        "m_Size": flow(x=size[0], y=size[1]),
        "m_AdaptiveModeThreshold": write_number(0.5),
        "m_SpriteTileMode": 0,
        "m_WasSpriteAssigned": 1,
        "m_MaskInteraction": 0,
        "m_SpriteSortPoint": SORT_BY_PIVOT,
    }
    return YamlObject(212, anchor, "SpriteRenderer", fields)


def animator(anchor: int, owner: int, editor: Editor, controller: str) -> YamlObject:
    """An Animator that runs a controller or an override of one."""
    version = {Editor.V2021: 4, Editor.V2022: 5, Editor.V6000: 7}[editor]
    keep: Tree = {"m_KeepAnimatorStateOnDisable": 0, "m_WriteDefaultValuesOnDisable": 0}
    fields: Tree = {
        "serializedVersion": version,
        **component(owner),
        "m_Avatar": NOTHING,
        "m_Controller": controller,
        "m_CullingMode": 0,
        "m_UpdateMode": 0,
        "m_ApplyRootMotion": 0,
        "m_LinearVelocityBlending": 0,
        "m_StabilizeFeet": 0,
        **({"m_AnimatePhysics": 0} if editor >= Editor.V6000 else {}),
        "m_WarningMessage": "",
        "m_HasTransformHierarchy": 1,
        "m_AllowConstantClipSamplingOptimization": 1,
        **(keep if editor >= Editor.V2022 else {"m_KeepAnimatorControllerStateOnDisable": 0}),
    }
    return YamlObject(95, anchor, "Animator", fields)
