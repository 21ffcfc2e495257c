package imaging

import (
	"encoding/binary"
	"unicode/utf16"
)

// oleMark begins a compound file, in which Office and Outlook kept documents
// until 2007. [MS-CFB], 2.2.
const oleMark = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// oleNames are the names of what lies in a compound file; none when its
// directory cannot be read. Of sectors only those of the directory are looked
// at, each once.
func oleNames(b []byte) map[string]bool {
	const header, entry, lastSector = 512, 128, 0xfffffffa
	if len(b) < header {
		return nil
	}
	shift := binary.LittleEndian.Uint16(b[30:])
	if shift != 9 && shift != 12 {
		return nil
	}
	size := 1 << shift
	sector := func(n uint32) []byte {
		at := (int64(n) + 1) << shift
		if n > lastSector || at >= int64(len(b)) {
			return nil
		}
		return b[at:min(at+int64(size), int64(len(b)))] // the last may be cut short
	}
	word := func(s []byte, i int) uint32 {
		if 4*i+4 > len(s) {
			return lastSector + 1
		}
		return binary.LittleEndian.Uint32(s[4*i:])
	}
	// The table of what follows each sector lies in sectors that a list names: in
	// the header the first 109, then in sectors of their own.
	const inHeader = 109
	perSector := size / 4
	tables := make([]uint32, 0, inHeader)
	for i := range inHeader {
		tables = append(tables, word(b[76:header], i))
	}
	for next, n := binary.LittleEndian.Uint32(b[68:]), 0; sector(next) != nil && n <= len(b)/size; n++ {
		s := sector(next)
		for i := range perSector - 1 {
			tables = append(tables, word(s, i))
		}
		next = word(s, perSector-1)
	}
	names := map[string]bool{}
	for now, n := binary.LittleEndian.Uint32(b[48:]), 0; sector(now) != nil && n <= len(b)/size; n++ {
		for s := sector(now); len(s) >= entry; s = s[entry:] {
			letters := int(binary.LittleEndian.Uint16(s[64:]))/2 - 1 // without the zero at the end
			if letters < 1 || letters > 31 || s[66] == 0 {
				continue
			}
			units := make([]uint16, letters)
			for i := range units {
				units[i] = binary.LittleEndian.Uint16(s[2*i:])
			}
			names[string(utf16.Decode(units))] = true
		}
		table := int(now) / perSector
		if table >= len(tables) {
			break
		}
		now = word(sector(tables[table]), int(now)%perSector)
	}
	return names
}

// lookOLE tells documents and emails from other compound files, such as programs
// to install, by the streams that each has.
func lookOLE(content []byte) (Type, bool) {
	names := oleNames(content)
	switch {
	case names["WordDocument"]:
		return DOC, true
	case names["Workbook"], names["Book"]:
		return XLS, true
	case names["__properties_version1.0"]:
		return MSG, true
	}
	return Type{}, false
}

func checkOLE(content []byte, t Type) string {
	names := oleNames(content)
	switch {
	case names["EncryptedPackage"], names["EncryptedSummary"]:
		return "it is encrypted"
	case names["_VBA_PROJECT_CUR"], names["Macros"], names["VBA"], names["_VBA_PROJECT"]:
		newer := DOCX.Extension
		if t == XLS {
			newer = XLSX.Extension
		}
		if t == MSG {
			return "it contains macros"
		}
		return "it contains macros. Save it as a plain " + newer + " file"
	}
	return ""
}
