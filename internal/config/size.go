package config

import (
	"cmp"
	"fmt"
)

// MaxImportGB is the largest FIELDGATE_IMPORT_FILES_GB: more at once no bucket takes.
const MaxImportGB = 5

// ImportFiles is how large a zip of files to bring in may be, in bytes.
func (c Config) ImportFiles() int64 { return int64(cmp.Or(c.ImportFilesGB, 4)) << 30 }

func (c Config) checkImport(say func(string, ...any)) {
	if c.ImportFilesGB < 1 || c.ImportFilesGB > MaxImportGB {
		say("FIELDGATE_IMPORT_FILES_GB: %s", fmt.Sprintf("write how large a zip of files may be, 1 to %d", MaxImportGB))
	}
}
