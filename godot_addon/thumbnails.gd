@tool
extends Node
## First frames of the assets' preview strips, fetched once and only for rows that are seen.

const Answer := preload("answer.gd")
const Asset := preload("asset.gd")
const Client := preload("client.gd")

signal loaded(id: String, texture: Texture2D)

## Pictures kept; the oldest goes first.
const CAPACITY := 400

var _client: Client
var _textures: Dictionary = {}
var _asked: Dictionary = {}


func _init(client: Client) -> void:
	_client = client


## The thumbnail if it is here; otherwise null now and [signal loaded] later.
func get_or_fetch(asset: Asset) -> Texture2D:
	var name_and_revision := "%s#%d" % [asset.key, asset.revision]
	if _textures.has(name_and_revision):
		return _textures[name_and_revision]
	if not _asked.has(name_and_revision):
		_asked[name_and_revision] = true
		_fetch(asset, name_and_revision)
	return null


## Forgets what failed, for example because no daemon answered.
func retry() -> void:
	_asked.clear()


func _fetch(asset: Asset, name_and_revision: String) -> void:
	var texture := await fetch_strip(_client, asset, 0)
	if texture == null:
		return
	_textures[name_and_revision] = texture
	if _textures.size() > CAPACITY:
		var oldest: String = _textures.keys()[0]
		_textures.erase(oldest)
		_asked.erase(oldest)
	loaded.emit(asset.id, texture)


## The first frame of a preview, of a variant when `variant` is above 0; null when there is none.
static func fetch_strip(client: Client, asset: Asset, variant: int) -> Texture2D:
	var path := "/v1/assets/%s/preview." % asset.key
	var query := "?variant=%d" % variant if variant > 0 else ""
	var answer := await client.fetch(path + "png" + query)
	var image := Image.new()
	if not answer.is_ok() or not _is_png(answer.bytes) or image.load_png_from_buffer(answer.bytes) != OK:
		return null
	var info := await client.fetch(path + "json" + query)
	var frame: Dictionary = info.json.get("frame", {})
	var size := Vector2i(int(frame.get("width", 0)), int(frame.get("height", 0))).min(image.get_size())
	if size.x > 0 and size.y > 0:
		image = image.get_region(Rect2i(Vector2i.ZERO, size))
	return ImageTexture.create_from_image(image)


## load_png_from_buffer() logs an error for anything else.
static func _is_png(bytes: PackedByteArray) -> bool:
	return bytes.slice(0, 8) == PackedByteArray([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
