// Relative addresses: the built page works below any path.
export default { base: './' };
