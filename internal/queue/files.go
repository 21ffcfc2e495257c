package queue

// ImportFiles asks to go on with an import of files.
type ImportFiles struct {
	Import int64 `json:"import"`
}

// Kind is import_files.
func (ImportFiles) Kind() string { return "import_files" }

// Lane is Files.
func (ImportFiles) Lane() Lane { return Files }
