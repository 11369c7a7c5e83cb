@tool
extends Node
## First frames of the assets' previews, fetched once and only for rows that are seen.

const Asset := preload("../model/asset.gd")
const Client := preload("../connection/client.gd")
const Strip := preload("strip.gd")

signal loaded(id: String, texture: Texture2D)

## Pictures kept; the oldest goes first.
const CAPACITY := 400

var _client: Client
var _textures: Dictionary = {}
## The last picture by key, shown until there is a newer one: a mistake in a spec leaves the files as they are.
var _latest: Dictionary = {}
var _asked: Dictionary = {}


func _init(client: Client) -> void:
	_client = client


## The thumbnail if it is here; otherwise an earlier one (null without) now and [signal loaded] later.
func get_or_fetch(asset: Asset) -> Texture2D:
	var name_and_revision := "%s#%d" % [asset.key, asset.revision]
	if _textures.has(name_and_revision):
		return _textures[name_and_revision]
	if not _asked.has(name_and_revision):
		_asked[name_and_revision] = true
		_fetch(asset, name_and_revision)
	return _latest.get(asset.key)


## Forgets what failed, for example because no daemon answered.
func retry() -> void:
	_asked.clear()


func _fetch(asset: Asset, name_and_revision: String) -> void:
	var strip: Strip = await Strip.fetch(_client, asset, 0)
	if strip == null:
		return
	_textures[name_and_revision] = strip.first_frame()
	_latest[asset.key] = _textures[name_and_revision]
	if _textures.size() > CAPACITY:
		var oldest: String = _textures.keys()[0]
		var forgotten: Texture2D = _textures[oldest]
		_textures.erase(oldest)
		_asked.erase(oldest)
		if _latest.get(oldest.get_slice("#", 0)) == forgotten:
			_latest.erase(oldest.get_slice("#", 0))
	loaded.emit(asset.id, _textures[name_and_revision])
