//go:build !nodemo

package picture

import "embed"

//go:embed photos
var photos embed.FS
