package export

import (
	"path"
	"strconv"
	"strings"
)

// Names are those given in an archive, without regard to case, which some file
// systems do not keep apart, each with the number that its last namesake got: an
// archive may hold thousands of “image.jpg”.
type Names map[string]int

// Distinct makes a name that every file system takes, and no other file has:
// “unit.jpg”, “unit (2).jpg”.
func (n Names) Distinct(name string) string {
	name = Portable(name)
	wanted := strings.ToLower(name)
	if n[wanted] > 0 {
		ending := path.Ext(name)
		stem := strings.TrimSuffix(name, ending)
		for n[strings.ToLower(name)] > 0 {
			n[wanted]++
			name = stem + " (" + strconv.Itoa(n[wanted]) + ")" + ending
		}
	}
	n[strings.ToLower(name)] = 1
	return name
}

// Portable leaves out what a file system or a program that unpacks might take
// for a place or a device.
// https://learn.microsoft.com/windows/win32/fileio/naming-a-file
func Portable(name string) string {
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || strings.ContainsRune(`<>:"/\|?*`, c) {
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = strings.TrimRight(strings.TrimLeft(name, " "), " .")
	if name == "" {
		return "file"
	}
	device, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch device = strings.TrimRight(device, " "); {
	case device == "CON", device == "PRN", device == "AUX", device == "NUL",
		len(device) == 4 && (strings.HasPrefix(device, "COM") || strings.HasPrefix(device, "LPT")) && device[3] >= '0' && device[3] <= '9':
		return "_" + name
	}
	return name
}
