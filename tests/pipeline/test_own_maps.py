"""Maps drawn in Tiled: what an engine cannot show is named, with the file and the layer."""

from __future__ import annotations

from exporters import samples
from exporters.model.png import encode_png
from tests.pipeline.conftest import Workspace

MAP = """\
<map version="1.10" orientation="orthogonal" width="2" height="1" tilewidth="8" tileheight="8" infinite="0">
 <tileset firstgid="1" name="land" tilewidth="8" tileheight="8" tilecount="2" columns="2">
  <image source="land.png" width="16" height="8"/>
  <tile id="1">
   <objectgroup id="2"><object id="1" x="0" y="0" width="8" height="8"><ellipse/></object></objectgroup>
  </tile>
 </tileset>
 <imagelayer id="1" name="sky" parallaxx="0.5" repeatx="1"><image source="sky.png" width="5" height="5"/></imagelayer>
 <layer id="2" name="ground" width="2" height="1" tintcolor="#ff8000"><data encoding="csv">1,2</data></layer>
</map>
"""


def test_what_a_map_loses_is_told_and_the_rest_is_there(workspace: Workspace) -> None:
    workspace.write("drawn/land.png", encode_png(samples.picture(16, 8, 1)))
    workspace.write("drawn/sky.png", encode_png(samples.picture(5, 5, 2)))
    workspace.write("drawn/town.tmx", MAP)
    workspace.write("art/town.asset.toml", 'kind = "map"\nprovider = "files"\nsource = "drawn/town.tmx"\n')
    (built,) = workspace.run("build", "--json").json["assets"]
    assert built["notes"] == [
        "drawn/town.tmx: tile 1 of land: a collision shape that is no polygon or rectangle (Ellipse) is left out",
        "drawn/town.tmx: godot does not show layer sky: its parallax",
        "drawn/town.tmx: godot does not show layer sky: the repetition of its picture",
    ]
    files = workspace.files()
    assert b"modulate = Color(1, 0.502, 0, 1)" in files["game/generated/art/town.tscn"]
    assert b'tintcolor="#ff8000"' in files["maps/art/town.tmx"]
    for path in ("game/generated/art/town_image.png", "maps/art/town_image.png", "export/art/town_image.png"):
        assert files[path] == encode_png(samples.picture(5, 5, 2))
    assert workspace.plan()["art/town"]["action"] == "none"
    workspace.write("drawn/sky.png", encode_png(samples.picture(5, 5, 3)))
    assert workspace.plan()["art/town"]["action"] == "update"
    (workspace.root / "drawn/sky.png").unlink()
    assert "drawn/sky.png" in workspace.run("build", expect=None).err
