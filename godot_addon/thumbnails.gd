@tool
extends Node
## First frames of the assets' previews, fetched once and only for rows that are seen.

const Asset := preload("asset.gd")
const Client := preload("client.gd")
const Strip := preload("strip.gd")

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
	var strip: Strip = await Strip.fetch(_client, asset, 0)
	if strip == null:
		return
	_textures[name_and_revision] = strip.first_frame()
	if _textures.size() > CAPACITY:
		var oldest: String = _textures.keys()[0]
		_textures.erase(oldest)
		_asked.erase(oldest)
	loaded.emit(asset.id, _textures[name_and_revision])
