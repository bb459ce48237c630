/**
 * Each text that comes, goes or changes has an element of its own: a browser that translates a page replaces its text nodes, and
 * what React then changes beside one is not on the page any more. Text may stand beside elements that stay.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const ownElements = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      beside:
        'A text that changes beside something else: give it an element of its own, or make all of it one text.',
      comes: 'What comes and goes stands beside a text: give the text an element of its own.',
      fragment: 'A text in a fragment has no element of its own.',
    },
  },
  create(context) {
    const { esTreeNodeToTSNodeMap, program } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    const typesOf = (node) => {
      const type = checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(node));
      return type.isUnion() ? type.types : [type];
    };
    /** Never a node of React's that is handed on: who makes that one is looked at. */
    const isText = (node) => {
      const types = typesOf(node).map((type) => checker.typeToString(type));
      return (
        types.some((type) => /^(string|number|bigint|["'`].+|-?\d+)$/s.test(type)) &&
        !types.some((type) => /Element|Portal|Iterable/.test(type))
      );
    };
    const look = (node) => {
      const children = node.children.filter(
        (child) =>
          !(child.type === 'JSXText' && /^\s*$/.test(child.value) && child.value.includes('\n')) &&
          !(child.type === 'JSXExpressionContainer' && child.expression.type === 'JSXEmptyExpression'),
      );
      const isStill = (child) =>
        child.type === 'JSXText' ||
        (child.type === 'JSXExpressionContainer' && child.expression.type === 'Literal');
      const moving = children.filter((child) => child.type === 'JSXExpressionContainer' && !isStill(child));
      const texts = children.filter(isStill);
      if (node.type === 'JSXFragment')
        for (const child of children)
          if (isStill(child) || (moving.includes(child) && isText(child.expression)))
            context.report({ node: child, messageId: 'fragment' });
      if (children.length < 2) return;
      for (const child of moving)
        if (isText(child.expression)) context.report({ node: child, messageId: 'beside' });
        else if (texts.length > 0) context.report({ node: child, messageId: 'comes' });
    };
    return { JSXElement: look, JSXFragment: look };
  },
};
