//go:build nodemo

package picture

import "embed"

// A release generates businesses to be measured, and carries no photos for them.
const taken = false

var photos embed.FS
