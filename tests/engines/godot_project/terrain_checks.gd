extends RefCounted
## Paints terrains as people do in the editor and looks for wrong tiles.
##
## A corner shared by four cells must have the highest terrain of the four: that is what a corner set can show.

const SIDE := 9
const MAPS := 8
const STROKES := 25
const SQUARE: Array[TileSet.CellNeighbor] = [
	TileSet.CELL_NEIGHBOR_TOP_LEFT_CORNER,
	TileSet.CELL_NEIGHBOR_TOP_RIGHT_CORNER,
	TileSet.CELL_NEIGHBOR_BOTTOM_LEFT_CORNER,
	TileSet.CELL_NEIGHBOR_BOTTOM_RIGHT_CORNER,
]
const DIAMOND: Array[TileSet.CellNeighbor] = [
	TileSet.CELL_NEIGHBOR_TOP_CORNER,
	TileSet.CELL_NEIGHBOR_RIGHT_CORNER,
	TileSet.CELL_NEIGHBOR_LEFT_CORNER,
	TileSet.CELL_NEIGHBOR_BOTTOM_CORNER,
]

var _layer := TileMapLayer.new()
var _painted: Dictionary[Vector2i, int] = {}
var _corners := SQUARE
var _faults := PackedStringArray()


## What is wrong with a TileSet whose terrains 0, 1 … form a chain.
func run(tiles: TileSet, terrains: int, root: Node) -> PackedStringArray:
	root.add_child(_layer)
	_layer.tile_set = tiles
	if tiles.tile_shape == TileSet.TILE_SHAPE_ISOMETRIC:
		_corners = DIAMOND
	for upper in range(1, terrains):
		_all_combinations(upper)
		_random_strokes(upper)
	_nested(terrains)
	_layer.free()
	return _faults


func _all_combinations(upper: int) -> void:
	for mask in 16:
		_fill(upper)
		var cells: Array[Vector2i] = [Vector2i(4, 4)]
		for corner in 4:
			if mask & (8 >> corner):
				cells.append_array(_block(Vector2i(3 + corner % 2, 3 + corner / 2), Vector2i(2, 2)))
		_paint(cells, upper - 1)
		_compare("combination %d of terrain %d" % [mask, upper])


func _random_strokes(upper: int) -> void:
	var random := RandomNumberGenerator.new()
	random.seed = upper
	for map in MAPS:
		_fill(upper - 1)
		for stroke in STROKES:
			var at := Vector2i(random.randi_range(1, SIDE - 2), random.randi_range(1, SIDE - 2))
			var size := Vector2i(random.randi_range(1, 3), random.randi_range(1, 3)).min(Vector2i(SIDE - 1, SIDE - 1) - at)
			_paint(_block(at, size), upper - random.randi_range(0, 1))
		_compare("strokes %d of terrain %d" % [map, upper])


## Each terrain in the middle of the one below, one cell further in.
func _nested(terrains: int) -> void:
	_fill(0)
	for terrain in range(1, terrains):
		_paint(_block(Vector2i.ONE * terrain, Vector2i.ONE * (SIDE - 2 * terrain)), terrain)
		_compare("nested terrain %d" % terrain)


func _fill(terrain: int) -> void:
	_layer.clear()
	_painted.clear()
	_paint(_block(Vector2i.ZERO, Vector2i(SIDE, SIDE)), terrain)


func _block(at: Vector2i, size: Vector2i) -> Array[Vector2i]:
	var cells: Array[Vector2i] = []
	for y in size.y:
		for x in size.x:
			cells.append(at + Vector2i(x, y))
	return cells


func _paint(cells: Array[Vector2i], terrain: int) -> void:
	_layer.set_cells_terrain_connect(cells, 0, terrain, false)
	for cell in cells:
		_painted[cell] = terrain


func _compare(what: String) -> void:
	for cell in _block(Vector2i.ONE, Vector2i(SIDE - 2, SIDE - 2)):
		var data := _layer.get_cell_tile_data(cell)
		if data == null:
			_faults.append("%s: no tile at %s" % [what, cell])
			return
		for corner in 4:
			var wanted := _highest(cell + Vector2i(corner % 2, corner / 2))
			if data.get_terrain_peering_bit(_corners[corner]) != wanted:
				_faults.append("%s: corner %d of %s is terrain %d, not %d" % [what, corner, cell, data.get_terrain_peering_bit(_corners[corner]), wanted])
				return


func _highest(vertex: Vector2i) -> int:
	var cells := _block(vertex - Vector2i.ONE, Vector2i(2, 2))
	return cells.map(func(cell: Vector2i) -> int: return _painted[cell]).max()
