// Nothing here is for dvmeet-core: BASE_PATH lets the application live below a path.
export default { basePath: process.env.BASE_PATH ?? '', reactStrictMode: true };
