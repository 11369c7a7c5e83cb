@tool
extends RefCounted
## A preview as the daemon draws it: frames of one size in rows, each with its duration.

const Answer := preload("../connection/answer.gd")
const Asset := preload("../model/asset.gd")
const Client := preload("../connection/client.gd")

const PNG_SIGNATURE: Array[int] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

## How many times as long as high a thumbnail may be.
const LONGEST := 2

var image: Image
## Pixels.
var frame_size := Vector2i.ZERO
var columns := 1
## Milliseconds of each frame.
var durations := PackedInt32Array()


## The preview of an asset, of one of its variants when `variant` is above 0; null when there is none.
static func fetch(client: Client, asset: Asset, variant: int) -> RefCounted:
	var path := "/v1/assets/%s/preview." % asset.key
	var query := "?variant=%d" % variant if variant > 0 else ""
	var picture := await client.fetch(path + "png" + query)
	if not picture.is_ok():
		return null
	var info := await client.fetch(path + "json" + query)
	return read(picture.bytes, info.json)


## The preview behind a picture and what the daemon says of it; null when the picture cannot be read.
static func read(png: PackedByteArray, info: Dictionary) -> RefCounted:
	var loaded := Image.new()
	if not _is_png(png) or loaded.load_png_from_buffer(png) != OK:
		return null
	var strip := new()
	strip.image = loaded
	var frame: Dictionary = info.get("frame", {})
	strip.frame_size = Vector2i(int(frame.get("width", 0)), int(frame.get("height", 0)))
	if strip.frame_size.x <= 0 or strip.frame_size.y <= 0:
		strip.frame_size = loaded.get_size()
	strip.frame_size = strip.frame_size.min(loaded.get_size())
	strip.columns = maxi(1, int(info.get("columns", loaded.get_width() / strip.frame_size.x)))
	for duration: float in info.get("durations", []):
		strip.durations.append(maxi(1, int(duration)))
	return strip


## The first frame as a texture of its own; of a long one, such as a row of tiles, the beginning.
func first_frame() -> Texture2D:
	var region := region_of(0)
	var shorter := mini(region.size.x, region.size.y)
	region.size = region.size.min(Vector2i.ONE * shorter * LONGEST)
	return ImageTexture.create_from_image(image.get_region(region))


## Where a frame lies in the picture.
func region_of(index: int) -> Rect2i:
	return Rect2i(Vector2i(index % columns, index / columns) * frame_size, frame_size)


## The frame to show this many milliseconds after the start; the animation is played for ever.
func frame_at(msec: int) -> int:
	var total := 0
	for duration in durations:
		total += duration
	if total == 0:
		return 0
	var rest := msec % total
	for index in durations.size():
		rest -= durations[index]
		if rest < 0:
			return index
	return 0


## load_png_from_buffer() logs an error for anything else.
static func _is_png(bytes: PackedByteArray) -> bool:
	return bytes.slice(0, PNG_SIGNATURE.size()) == PackedByteArray(PNG_SIGNATURE)
