//go:build !nodemo

package picture

import "embed"

const taken = true

//go:embed photos
var photos embed.FS
