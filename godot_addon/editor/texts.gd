@tool
extends RefCounted
## The addon's texts in the language of the editor, apart from the texts of the game.

const ProjectFiles := preload("../connection/project_files.gd")

const DOMAIN := &"assetbridge"
const FOLDER := "translations"


## Loads the translations. Before Godot 4.4, which has no domains, the texts stay English.
static func register() -> void:
	if not TranslationServer.has_method(&"get_or_add_domain"):
		return
	var domain: Object = TranslationServer.call(&"get_or_add_domain", DOMAIN)
	domain.call(&"clear")
	var folder := ProjectFiles.addon_folder().path_join(FOLDER)
	for file in DirAccess.get_files_at(folder):
		if file.get_extension() == "po":
			domain.call(&"add_translation", load(folder.path_join(file)))
	domain.call(&"set_locale_override", _language())


## Makes an object, and the nodes below it, speak the editor's language.
static func translate(object: Object) -> void:
	if object.has_method(&"set_translation_domain"):
		object.call(&"set_translation_domain", DOMAIN)


static func _language() -> String:
	return str(EditorInterface.get_editor_settings().get_setting("interface/editor/editor_language"))

