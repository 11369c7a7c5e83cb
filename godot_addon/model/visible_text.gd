@tool
extends RefCounted
## Texts of the project as labels may show them: what acts or cannot be seen is written out, as `\u202e`.

## Ranges of characters that are drawn as nothing or turn the order of those around them; line feeds stay.
const HIDDEN := [
	Vector2i(0x00, 0x09), Vector2i(0x0b, 0x1f), Vector2i(0x7f, 0x9f), Vector2i(0xad, 0xad), Vector2i(0x61c, 0x61c),
	Vector2i(0x180e, 0x180e), Vector2i(0x200b, 0x200f), Vector2i(0x2028, 0x202e), Vector2i(0x2060, 0x206f),
	Vector2i(0xd800, 0xdfff), Vector2i(0xfeff, 0xfeff), Vector2i(0xfff9, 0xfffb), Vector2i(0xe0000, 0xe0fff),
]


static func of(text: String) -> String:
	var shown := ""
	for index in text.length():
		var number := text.unicode_at(index)
		shown += "\\u%04x" % number if _is_hidden(number) else text[index]
	return shown


static func _is_hidden(number: int) -> bool:
	for span: Vector2i in HIDDEN:
		if number >= span.x and number <= span.y:
			return true
	return false
