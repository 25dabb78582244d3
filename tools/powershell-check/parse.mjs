// Reads a JSON object of scripts by name on standard input, and prints a JSON object of those that PowerShell's grammar
// does not accept, each with the first part that it stumbles over.
import Parser from 'tree-sitter'
import PowerShell from 'tree-sitter-powershell'

const parser = new Parser()
parser.setLanguage(PowerShell)

function firstError(node) {
  if (node.isError || node.isMissing) return `line ${node.startPosition.row + 1}: ${node.text.slice(0, 200)}`
  for (const child of node.children) {
    const found = child.hasError || child.isMissing ? firstError(child) : null
    if (found) return found
  }
  return null
}

let text = ''
process.stdin.on('data', (part) => (text += part))
process.stdin.on('end', () => {
  const faults = {}
  for (const [name, script] of Object.entries(JSON.parse(text))) {
    const tree = parser.parse(script)
    if (tree.rootNode.hasError) faults[name] = firstError(tree.rootNode) ?? 'somewhere'
  }
  process.stdout.write(JSON.stringify(faults))
})
