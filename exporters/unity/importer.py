"""The keys of a TextureImporter as each generation of the editor writes them.

Order and presence are those of files from public projects of that generation (tests hold the measure); the values are
what pixel art needs: point filter, no compression, no mipmaps, clamped, full rectangles.

Source: Unity scripting reference, "TextureImporter".
"""

from __future__ import annotations

from exporters.unity.editor import Editor
from exporters.unity.slices import Slice
from exporters.unity.yaml import Node, Tree, flow, write_number, write_text

SHEET_SPRITE_ID = "5e97eb03825dee720800000000000000"
IDENTITY_SWIZZLE = 0x03020100
NO_BORDER = "{x: 0, y: 0, z: 0, w: 0}"
CENTER, CUSTOM = 0, 9
# SpriteAlignment by pivot, from the bottom left.
ALIGNMENTS = {
    (0.5, 0.5): CENTER,
    (0.0, 1.0): 1,
    (0.5, 1.0): 2,
    (1.0, 1.0): 3,
    (0.0, 0.5): 4,
    (1.0, 0.5): 5,
    (0.0, 0.0): 6,
    (0.5, 0.0): 7,
    (1.0, 0.0): 8,
}


def importer_settings(editor: Editor, pixels_per_unit: int) -> Tree:
    """All keys in front of the trailer, without sprites."""
    modern = editor >= Editor.V2022
    return {
        "internalIDToNameTable": [],
        "externalObjects": {},
        "serializedVersion": {Editor.V2021: 11, Editor.V2022: 12, Editor.V6000: 13}[editor],
        "mipmaps": {
            "mipMapMode": 0,
            "enableMipMap": 0,
            "sRGBTexture": 1,
            "linearTexture": 0,
            "fadeOut": 0,
            "borderMipMap": 0,
            "mipMapsPreserveCoverage": 0,
            "alphaTestReferenceValue": write_number(0.5),
            "mipMapFadeDistanceStart": 1,
            "mipMapFadeDistanceEnd": 3,
        },
        "bumpmap": {
            "convertToNormalMap": 0,
            "externalNormalMap": 0,
            "heightScale": write_number(0.25),
            "normalMapFilter": 0,
            **({"flipGreenChannel": 0} if modern else {}),
        },
        "isReadable": 0,
        "streamingMipmaps": 0,
        "streamingMipmapsPriority": 0,
        "vTOnly": 0,
        "ignoreMipmapLimit" if modern else "ignoreMasterTextureLimit": 0,
        "grayScaleToAlpha": 0,
        "generateCubemap": 6,
        "cubemapConvolution": 0,
        "seamlessCubemap": 0,
        "textureFormat": 1,
        "maxTextureSize": 2048,
        "textureSettings": {
            "serializedVersion": 2,
            "filterMode": 0,
            "aniso": 1,
            "mipBias": 0,
            "wrapU": 1,
            "wrapV": 1,
            "wrapW": 1,
        },
        "nPOTScale": 0,
        "lightmap": 0,
        "compressionQuality": 50,
        **_sprite_settings(pixels_per_unit),
        **({"swizzle": IDENTITY_SWIZZLE, "cookieLightType": 0} if modern else {}),
        "platformSettings": [_default_platform(editor)],
        "spriteSheet": _sheet_tree(editor),
        **({"mipmapLimitGroupName": ""} if modern else {"spritePackingTag": ""}),
        "pSDRemoveMatte": 0,
        **({} if modern else {"pSDShowRemoveMatteOption": 0}),
    }


def _sprite_settings(pixels_per_unit: int) -> Tree:
    return {
        "spriteMode": 2,
        "spriteExtrude": 1,
        "spriteMeshType": 0,
        "alignment": 0,
        "spritePivot": flow(x=0.5, y=0.5),
        "spritePixelsToUnits": pixels_per_unit,
        "spriteBorder": NO_BORDER,
        "spriteGenerateFallbackPhysicsShape": 1,
        "alphaUsage": 1,
        "alphaIsTransparency": 1,
        "spriteTessellationDetail": -1,
        "textureType": 8,
        "textureShape": 1,
        "singleChannelComponent": 0,
        "flipbookRows": 1,
        "flipbookColumns": 1,
        "maxTextureSizeSet": 0,
        "compressionQualitySet": 0,
        "textureFormatSet": 0,
        "ignorePngGamma": 0,
        "applyGammaDecoding": 0,
    }


def _default_platform(editor: Editor) -> Tree:
    """The settings of every platform that has none of its own."""
    return {
        "serializedVersion": 4 if editor >= Editor.V6000 else 3,
        "buildTarget": "DefaultTexturePlatform",
        "maxTextureSize": 2048,
        "resizeAlgorithm": 0,
        "textureFormat": -1,
        "textureCompression": 0,
        "compressionQuality": 50,
        "crunchedCompression": 0,
        "allowsAlphaSplitting": 0,
        "overridden": 0,
        **({"ignorePlatformSupport": 0} if editor >= Editor.V2022 else {}),
        "androidETC2FallbackOverride": 0,
        "forceMaximumCompressionQuality_BC6H_BC7": 0,
    }


def _sheet_tree(editor: Editor) -> Tree:
    newest = editor >= Editor.V6000
    return {
        "serializedVersion": 2,
        "sprites": [],
        "outline": [],
        **({"customData": ""} if newest else {}),
        "physicsShape": [],
        "bones": [],
        "spriteID": SHEET_SPRITE_ID,
        "internalID": 0,
        **_mesh_tree(),
        "secondaryTextures": [],
        **({"spriteCustomMetadata": {"entries": []}} if newest else {}),
        "nameFileIdTable": {},
    }


def _mesh_tree() -> Tree:
    return {"vertices": [], "indices": "", "edges": [], "weights": []}


def sprite_node(editor: Editor, one: Slice, sprite: str, internal_id: int) -> Tree:
    """An entry of `spriteSheet.sprites`."""
    x, y = one.pivot
    shape: list[Node] = [[flow(x=a, y=b) for a, b in polygon] for polygon in one.physics]
    return {
        "serializedVersion": 2,
        "name": write_text(one.name),
        "rect": {"serializedVersion": 2, "x": one.x, "y": one.y, "width": one.width, "height": one.height},
        "alignment": ALIGNMENTS.get(one.pivot, CUSTOM),
        "pivot": flow(x=x, y=y),
        "border": NO_BORDER,
        **({"customData": ""} if editor >= Editor.V6000 else {}),
        "outline": [],
        "physicsShape": shape,
        "tessellationDetail": -1,
        "bones": [],
        "spriteID": sprite,
        "internalID": internal_id,
        **_mesh_tree(),
    }
